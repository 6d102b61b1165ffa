"""The session as a list of steps with times: played, edited, saved."""
