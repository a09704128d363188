"""The replication shelf: published figures on miners and metal, each made again from prices and judged by its own tolerance."""
