/**
 * Where the world may be touched: clock, dice, network, timers, storage and module state. Decisions take `now` and `draw`
 * as arguments; mechanism takes ports; only the files named here hold the real thing.
 */
import { layerOf } from './imports.ts'
import { type Finding, finding, isNode, type Node, nameOf, pathMatches, type SourceFile, walk } from './source-file.ts'

/** Globals that do I/O, tell the time or roll dice. */
const WORLD = [
  'fetch',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'performance',
  'caches',
  'console',
  'scheduler',
  'process',
]

/** Members of globals that are otherwise harmless. `crypto.subtle` computes and is free outside the pure layers. */
const WORLD_MEMBERS: readonly (readonly [object: string, members: readonly string[]])[] = [
  ['Date', ['now']],
  ['Math', ['random']],
  ['crypto', ['randomUUID', 'getRandomValues']],
  ['AbortSignal', ['timeout']],
]

/** Which world a file outside the pure layers may touch, and why. */
const MAY_TOUCH: readonly (readonly [files: string, globals: readonly string[], why: string])[] = [
  ['worker/platform.ts', [...WORLD, 'Date', 'Math', 'crypto', 'AbortSignal'], 'it is the platform'],
  ['durable-objects/platform.ts', [...WORLD, 'Date', 'Math', 'crypto', 'AbortSignal'], 'it is the platform'],
  ['worker/index.ts', ['caches', 'crypto'], 'it composes the platform'],
  ['worker/observe/', ['console'], 'a log line is its purpose'],
  ['durable-objects/index.ts', ['crypto', 'console'], 'it composes the platform'],
]

const isPure = (path: string): boolean => ['config', 'worker/policy', 'durable-objects/policy'].includes(layerOf(path))

export function checkWorld(file: SourceFile): Finding[] {
  if (layerOf(file.path) === 'tools') return []
  const free = new Set(MAY_TOUCH.filter(([files]) => pathMatches(file.path, files)).flatMap(([, globals]) => globals))
  const own = declaredNames(file)
  const found: Finding[] = []
  walk(file.program, (node, parent) => {
    const touched = touches(node, parent, isPure(file.path))
    if (touched !== undefined && !free.has(touched.global) && !own.has(touched.global)) {
      found.push(finding(file, node.start, `${touched.shown} belongs in platform.ts`))
    }
  })
  return found
}

function touches(node: Node, parent: Node | undefined, pure: boolean): { global: string; shown: string } | undefined {
  if (
    node.type === 'NewExpression' &&
    nameOf(node['callee']) === 'Date' &&
    Array.isArray(node['arguments']) &&
    node['arguments'].length === 0
  ) {
    return { global: 'Date', shown: 'new Date()' }
  }
  if (node.type === 'MemberExpression') {
    const object = nameOf(node['object'])
    const member = nameOf(node['property'])
    if (object === 'globalThis' && member !== undefined && WORLD.includes(member)) return { global: member, shown: `globalThis.${member}` }
    if (object === 'crypto' && pure) return { global: 'crypto', shown: 'crypto' }
    const banned = WORLD_MEMBERS.find(([name]) => name === object)?.[1]
    if (object !== undefined && member !== undefined && banned?.includes(member)) return { global: object, shown: `${object}.${member}` }
  }
  const name = nameOf(node)
  if (name === undefined || !WORLD.includes(name) || !isReference(node, parent)) return undefined
  return { global: name, shown: name }
}

/** Whether an identifier reads a variable, rather than naming a field, a parameter, a type or a declaration. */
function isReference(node: Node, parent: Node | undefined): boolean {
  if (parent === undefined) return false
  if (parent.type === 'MemberExpression') return parent['object'] === node || parent['computed'] === true
  if (parent.type === 'Property') return parent['value'] === node && parent['shorthand'] !== true
  if (/^TS|^Import|^Export|Function|MethodDefinition|PropertyDefinition|^VariableDeclarator$/.test(parent.type)) {
    return parent['init'] === node || parent['body'] === node || parent['value'] === node || parent['expression'] === node
  }
  return true
}

/** Names that the file declares or takes as parameters: `({ fetch }) => fetch(request)` calls a port, not the network. */
function declaredNames(file: SourceFile): Set<string> {
  const names = new Set<string>()
  const declare = (pattern: unknown): void => {
    if (!isNode(pattern)) return
    const name = nameOf(pattern)
    if (name !== undefined) names.add(name)
    else if (pattern.type === 'ObjectPattern')
      for (const property of pattern['properties'] as Node[]) declare(property['value'] ?? property['argument'])
    else if (pattern.type === 'ArrayPattern') for (const element of pattern['elements'] as unknown[]) declare(element)
    else if (pattern.type === 'AssignmentPattern') declare(pattern['left'])
    else if (pattern.type === 'RestElement') declare(pattern['argument'])
  }
  walk(file.program, (node) => {
    if (node.type === 'VariableDeclarator') declare(node['id'])
    if (/Function/.test(node.type)) {
      declare(node['id'])
      for (const parameter of (node['params'] as unknown[] | undefined) ?? []) declare(parameter)
    }
  })
  return names
}

/** The files whose module variables may change; why losing them is safe stands there. */
const MODULE_STATE_AT = ['worker/isolate.ts', 'worker/snapshot/isolate.ts']

/** Module variables that can change: isolates come and go, so they are truth for nobody else. */
export function checkModuleState(file: SourceFile): Finding[] {
  if (layerOf(file.path) === 'tools' || MODULE_STATE_AT.includes(file.path)) return []
  const statements = file.program['body'] as Node[]
  return statements
    .map((statement) =>
      statement.type === 'ExportNamedDeclaration' && isNode(statement['declaration']) ? statement['declaration'] : statement,
    )
    .filter((statement) => statement.type === 'VariableDeclaration')
    .flatMap((statement) =>
      (statement['declarations'] as Node[]).filter((declarator) => statement['kind'] !== 'const' || isEmptyContainer(declarator)),
    )
    .map((declarator) => finding(file, declarator.start, 'module state that changes belongs in the isolate'))
}

/** `new Map()`, `new Set()`, `new WeakMap()`, `[]`, `{}`: made empty to be filled later, unless its type says that it never is. */
function isEmptyContainer({ id, init }: Node): boolean {
  if (!isNode(init) || (isNode(id) && isNode(id['typeAnnotation']) && isReadonly(id['typeAnnotation']))) return false
  if (init.type === 'NewExpression')
    return /^(Weak)?(Map|Set)$/.test(nameOf(init['callee']) ?? '') && (init['arguments'] as unknown[]).length === 0
  if (init.type === 'ArrayExpression') return (init['elements'] as unknown[]).length === 0
  return init.type === 'ObjectExpression' && (init['properties'] as unknown[]).length === 0
}

function isReadonly({ typeAnnotation }: Node): boolean {
  if (!isNode(typeAnnotation)) return false
  if (typeAnnotation.type === 'TSTypeOperator') return typeAnnotation['operator'] === 'readonly'
  return typeAnnotation.type === 'TSTypeReference' && !/^(Weak)?(Map|Set)$|^(Array|Record)$/.test(nameOf(typeAnnotation['typeName']) ?? '')
}
