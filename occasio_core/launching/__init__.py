"""The agents that Occasio knows, by the means that lead each of them to the gate."""
