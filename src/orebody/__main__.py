"""``python -m orebody`` is ``orebody``."""

from orebody.cli import main

if __name__ == "__main__":
    main()
