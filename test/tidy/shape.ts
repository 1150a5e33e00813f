/** How big things may be, and what a reader must find: lengths, parameters, the first comment, no escape from the types. */
import { layerOf } from './imports.ts'
import { type Finding, finding, isNode, lineOf, type Node, type SourceFile, walk } from './source-file.ts'

/** Longest file in lines: what a reader holds in the head. */
export const FILE_LINES_MAX = 300
/** Longest function in lines: one screen. */
export const FUNCTION_LINES_MAX = 60
/** Most positional parameters; more are a record with names. */
export const PARAMETERS_MAX = 4

export function checkLength(file: { path: string; text: string }): Finding[] {
  const lines = file.text.trimEnd().split('\n').length
  return lines <= FILE_LINES_MAX ? [] : [{ path: file.path, line: FILE_LINES_MAX, problem: `${lines} lines, at most ${FILE_LINES_MAX}` }]
}

/** A test file's `describe` holds its tables, so that length is not counted in tests. */
export function checkFunctions(file: SourceFile): Finding[] {
  const found: Finding[] = []
  walk(file.program, (node) => {
    if (!/^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type)) return
    const lines = lineOf(file.text, node.end) - lineOf(file.text, node.start) + 1
    if (lines > FUNCTION_LINES_MAX && !file.path.startsWith('test/')) {
      found.push(finding(file, node.start, `a function of ${lines} lines, at most ${FUNCTION_LINES_MAX}`))
    }
    const parameters = (node['params'] as unknown[]).length
    if (parameters > PARAMETERS_MAX) found.push(finding(file, node.start, `${parameters} positional parameters, at most ${PARAMETERS_MAX}`))
  })
  return found
}

/** `any`, `!` and comments that switch the checker off. */
export function checkTypes(file: SourceFile): Finding[] {
  const found: Finding[] = []
  walk(file.program, (node) => {
    if (node.type === 'TSAnyKeyword') found.push(finding(file, node.start, 'any: say what it is, or unknown'))
    if (node.type === 'TSNonNullExpression') found.push(finding(file, node.start, '!: show that it is there'))
  })
  for (const comment of file.comments) {
    if (/@ts-(ignore|expect-error|nocheck)/.test(comment.value))
      found.push(finding(file, comment.start, 'the type checker is switched off'))
  }
  return found
}

/** Work that was left: a comment is no place for it. */
export function checkUnfinished(file: SourceFile): Finding[] {
  return file.comments
    .filter((comment) => /\b(TODO|FIXME|XXX|HACK)\b/.test(comment.value))
    .map((comment) => finding(file, comment.start, 'unfinished work: do it, or open an issue'))
}

/** A file begins by saying what it decides or does, in whole sentences, before or right after its imports. Tests say it in their names. */
export function checkFirstComment(file: SourceFile): Finding[] {
  if (file.path.startsWith('test/') && file.path.endsWith('.test.ts')) return []
  const body = file.program['body'] as Node[]
  const imports = body.findIndex(({ type }) => type !== 'ImportDeclaration')
  const first = body[imports === -1 ? 0 : imports]
  const top = file.text.startsWith('#!') ? file.text.indexOf('\n') + 1 : 0
  const opening = textAt(file, top) || textAt(file, body[imports - 1]?.end ?? first?.start ?? top)
  if (opening === '') return [finding(file, top, 'the file does not begin with a comment that says what it is for')]
  if (opening.split(' ').length < 4 || !/[.:!?]\)?$/.test(opening)) return [finding(file, top, 'the first comment is no whole sentence')]
  return []
}

/** The comment that comes next after `from`, with nothing in between; several line comments in a row are one text. */
function textAt(file: SourceFile, from: number): string {
  const texts: string[] = []
  let at = from
  for (const comment of file.comments) {
    if (comment.start < from) continue
    if (file.text.slice(at, comment.start).trim() !== '') break
    texts.push(comment.value)
    at = comment.end
  }
  return texts
    .join(' ')
    .replace(/[*\s]+/g, ' ')
    .trim()
}

/** In policy a `default:` arm proves that nothing is left; it never guesses. */
export function checkExhaustive(file: SourceFile): Finding[] {
  if (!/policy$/.test(layerOf(file.path))) return []
  const found: Finding[] = []
  walk(file.program, (node) => {
    if (node.type !== 'SwitchCase' || node['test'] !== null) return
    let proven = false
    walk(node, (inner) => {
      const to = inner.type === 'TSSatisfiesExpression' ? inner['typeAnnotation'] : undefined
      if (isNode(to) && to.type === 'TSNeverKeyword') proven = true
    })
    if (!proven) found.push(finding(file, (node as Node).start, 'default: must end in `satisfies never`'))
  })
  return found
}
