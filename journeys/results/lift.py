"""What a journey added: conversion of those it led against those held out, with how sure that is."""

from dataclasses import dataclass
from math import sqrt

Z = 1.959964  # of the normal distribution, for 95 %


@dataclass(frozen=True)
class Lift:
    """The difference of two shares (0 to 1), and the interval in which it lies with 95 % confidence."""

    difference: float
    low: float
    high: float

    @property
    def is_certain(self) -> bool:
        """Tell whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0


def wilson(successes: int, size: int) -> tuple[float, float]:
    """Return the 95 % interval of a share: E. B. Wilson, J. Am. Stat. Assoc. 22 (1927), 209-212."""
    share, square = successes / size, Z * Z
    middle = 2 * size * share + square
    half = Z * sqrt(square + 4 * size * share * (1 - share))
    return (middle - half) / (2 * (size + square)), (middle + half) / (2 * (size + square))


def lift(led: tuple[int, int], held: tuple[int, int]) -> Lift | None:
    """Return the lift of (converted, people) over (converted, people), None where one side is empty.

    R. G. Newcombe, Statistics in Medicine 17 (1998), 873-890, method 10: from the two Wilson intervals.
    """
    if not led[1] or not held[1]:
        return None
    one, other = led[0] / led[1], held[0] / held[1]
    (low_one, high_one), (low_other, high_other) = wilson(*led), wilson(*held)
    difference = one - other
    low = difference - sqrt((one - low_one) ** 2 + (high_other - other) ** 2)
    high = difference + sqrt((high_one - one) ** 2 + (other - low_other) ** 2)
    return Lift(difference, low, high)
