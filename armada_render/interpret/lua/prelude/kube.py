r"""The `kube` library and `require` (luavm/kube.go, pkg/util/lifted/lua/loadlib_safe.go)."""

SOURCE = r"""
local kube = {}

local function quantity_argument(v, n, name)
  if v ~= nil and type(v) ~= "string" then bad_argument(n, name, "string", v) end
end

function kube.resourceAdd(...)
  local count = select("#", ...)
  if count > limits.values then error("too many arguments to 'resourceAdd'", 2) end
  for i = 1, count do quantity_argument(select(i, ...), i, "resourceAdd") end
  local sum = answer(ask("resourceAdd", ...))
  return sum
end

function kube.getResourceQuantity(...)
  if select("#", ...) ~= 1 then error("getResourceQuantity takes exactly one argument", 2) end
  quantity_argument(..., 1, "getResourceQuantity")
  local value = answer(ask("getResourceQuantity", ...))
  return value
end

function kube.accuratePodRequirements(...)
  if select("#", ...) ~= 1 then error("accuratePodRequirements takes exactly one argument", 2) end
  local template = json(table_argument(..., 1, "accuratePodRequirements"))
  local requirements = answer(ask("accuratePodRequirements", template))
  return requirements
end

function kube.getPodDependencies(...)
  if select("#", ...) ~= 2 then error("getPodDependencies takes exactly two arguments", 2) end
  local template, namespace = ...
  template = json(table_argument(template, 1, "getPodDependencies"))
  if namespace == nil then namespace = "default" end
  namespace = text_argument(namespace, 2, "getPodDependencies")
  local dependencies = answer(ask("getPodDependencies", template, namespace))
  return dependencies
end

local loaded, preload = {}, { kube = function() return kube end }
env.package = { preload = preload, loaded = loaded }
function env.package.loadlib()
  error("package.loadlib is not available to interpreter scripts", 2)
end

function env.require(name)
  if type(name) ~= "string" then bad_argument(1, "require", "string", name) end
  if loaded[name] then return loaded[name] end
  local loader = preload[name]
  if type(loader) ~= "function" then
    error("module " .. name .. " is not available: scripts can only require \"kube\"", 2)
  end
  loaded[name] = loader(name) or true
  return loaded[name]
end
"""
