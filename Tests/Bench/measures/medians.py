"""Medians over rounds."""

import statistics


def medians(runs):
    """Of each figure by itself; nested figures too."""
    return {
        name: medians([run[name] for run in runs]) if isinstance(runs[0][name], dict)
        else statistics.median(run[name] for run in runs)
        for name in runs[0]
    }
