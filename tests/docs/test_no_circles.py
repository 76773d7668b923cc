from graphlib import TopologicalSorter

import grimp

PACKAGES = (
    *("calibrate", "commands", "config", "connectors", "crm", "leadgauge_sandbox", "meaning"),
    *("pipeline", "scoring", "store", "vocabulary"),
)


def test_no_module_imports_itself_through_others() -> None:
    """Imports for signatures count too: types that need a circle are in the wrong module."""
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    TopologicalSorter({module: graph.find_modules_directly_imported_by(module) for module in graph.modules}).prepare()
