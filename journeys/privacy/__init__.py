"""What journeys hold of a person: her ways, their steps, calls to other systems."""
