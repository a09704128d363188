"""Run research tasks in threads, in processes or on a Dask cluster."""
