"""Speed, measured: each bench states its figure beside a reference of the same run."""
