from armada_render.admit import customization_problems
from armada_render.errors import SourceLocation
from armada_render.model.fleet import Customization


def _customization(script: str) -> Customization:
    return Customization(
        name="widgets",
        api_version="example.io/v1",
        kind="Widget",
        scripts={"replicaResource": script},
        location=SourceLocation("lua.yaml", 3),
    )


def test_scripts_that_compile_are_no_problem() -> None:
    assert customization_problems([_customization("function GetReplicas(obj) return 1 end")]) == ()


def test_a_script_that_is_no_lua_is_a_problem_where_it_stands() -> None:
    (problem,) = customization_problems([_customization("\nfunction GetReplicas(")])

    assert problem.location == SourceLocation("lua.yaml", 3)
    assert problem.resource == "ResourceInterpreterCustomization//widgets"
    assert "replicaResource" in problem.message
    assert "line 2" in problem.message
