"""What is measured: each module's `measure(place)` starts what it needs and returns plain figures."""
