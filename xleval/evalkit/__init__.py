"""Requests, backends, the runner, answer extraction, metrics, statistics and reports."""
