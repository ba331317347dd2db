"""Write the kit anew: ``python -m bounds.kit``, after any change to a formula of the theory."""

import sys

from bounds.errors import InputError
from bounds.kit.writing import write

if __name__ == "__main__":
    try:
        sys.stdout.write("".join(f"{path} {path.stat().st_size} bytes\n" for path in write()))
    except InputError as error:
        sys.exit(str(error))
