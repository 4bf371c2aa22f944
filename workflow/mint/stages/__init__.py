"""Stages that share a rule with others: what each reads, how its function gets it, and what else it depends on."""
