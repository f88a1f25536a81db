"""The model zoo's metafiles and pages: costs, tables, what is written."""
