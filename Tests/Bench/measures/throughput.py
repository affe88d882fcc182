"""Requests under way without a pause: every method in every shape against every contender, in turns."""

import statistics

from measures.contenders import SHAPES, start
from measures.medians import medians


def measure(place):
    """Each cell runs anew in every round, the contenders one after another, so that a busy moment hits them alike."""
    settings = place.settings
    daemon, contenders = start(place)
    cells = [(method, shape) for method in contenders for shape in SHAPES]
    runs = {cell: {name: [] for name in contenders[cell[0]]} for cell in cells}
    for number in range(settings.rounds):
        for method, shape in cells:
            place.progress(f"round {number + 1} of {settings.rounds}: {method}, {shape[0]} x {shape[1]}")
            for name, contender in contenders[method].items():
                runs[method, shape][name].append(contender.load(place, shape, settings.milliseconds))
    return {
        "replyBytes": {method: contenders[method]["sessiond"].reply_size for method in contenders},
        "memoryAfter": daemon.memory(),
        "cells": [
            {
                "method": method, "connections": shape[0], "depth": shape[1],
                **{name: medians(results) for name, results in runs[method, shape].items()},
                "over": {
                    name: _over(runs[method, shape]["sessiond"], results)
                    for name, results in runs[method, shape].items() if name != "sessiond"
                },
            }
            for method, shape in cells
        ],
    }


def _over(ours, theirs):
    """How the daemon stands to another, round by round: what both met in the same moment is compared."""
    ratios = {
        name: sorted(our[name] / their[name] for our, their in zip(ours, theirs)) for name in ("perSecond", "p99")
    }
    return {
        name: {"median": statistics.median(values), "least": values[0], "most": values[-1]}
        for name, values in ratios.items()
    }
