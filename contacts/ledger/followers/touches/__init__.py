"""First and last touch: from where a person came. `channel` reads one visit, `follower` keeps first and last."""
