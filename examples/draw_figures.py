"""The figures of a paper, each with its data and caption; here one that needs no run."""

import sys

import figures


def main(out: str = "figures-out") -> None:
    """Draw one figure and show its caption; leave ``only`` out for all of them (some minutes)."""
    for made in figures.make(only="which", out=out):
        for file in made.files:
            print(file)
            if file.suffix == ".txt":
                print(file.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main(*sys.argv[1:])
