"""The mapping engine: turns text columns into typed entity columns and findings.

Each distinct value is interpreted once. The engine reads no files and knows no database.
"""
