"""Engines that hand work to one of many processes, one folder each."""
