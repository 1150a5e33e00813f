/**
 * From an expression in RE2 syntax to the automaton that the gateway runs. The library parses and simplifies; its own matchers are not
 * used, because the first match of an unlucky expression takes them 50 to 250 ms on 4 KiB. Needed at build time only.
 */
import { RE2JS, RE2JSException } from 're2js'
import type { Reading } from '../fields.ts'
import { BOUNDS_MAX, NODES_MAX, type RegexNode, type RegexProgram, SOURCE_MAX, TAKES_MAX } from './program.ts'

const EXPECTED = 'a regular expression in RE2 syntax'

/** Compiles an expression. Refuses what RE2 does not know (back-references, looking around) and what is too large to be quick. */
export function compileRegex(source: string): Reading<RegexProgram> {
  if (source.length > SOURCE_MAX) return { expected: `${EXPECTED} of at most ${SOURCE_MAX} characters` }
  try {
    return readCompiled(source, RE2JS.compile(source).re2() as Compiled)
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error
    return { expected: EXPECTED, suggestion: explain(error.message) }
  }
}

/** The parts of the library's result that are read. Its version is pinned, and `regex.test.ts` compares our matches with its own. */
interface Compiled {
  readonly prog: { readonly start: number; readonly inst: readonly Instruction[]; readonly prefix: () => readonly [boolean, string] }
  readonly dfa: { readonly classBounds: ArrayLike<number> }
}

interface Instruction {
  readonly op: number
  readonly out: number
  readonly arg: number
  readonly runes: ArrayLike<number>
  readonly matchRune: (rune: number) => boolean
}

/** Numbers of the library's instructions. */
const ALT = 1
const ALT_MATCH = 2
const CAPTURE = 3
const EMPTY_WIDTH = 4
const MATCH = 6
const NOP = 7
const FIRST_RUNE = 8
const LAST_RUNE = 11

const isTake = ({ op }: Instruction): boolean => op >= FIRST_RUNE && op <= LAST_RUNE

function readCompiled(source: string, compiled: Compiled): Reading<RegexProgram> {
  const { inst, start } = compiled.prog
  const takes = inst.filter(isTake)
  const size = `${EXPECTED} of at most ${TAKES_MAX} characters and classes once its counted repetitions are written out`
  if (takes.length > TAKES_MAX || inst.length > NODES_MAX) return { expected: size, suggestion: 'write + or * instead of a large count' }
  const bounds = [0, ...Array.from(compiled.dfa.classBounds)]
  if (bounds.length > BOUNDS_MAX) return { expected: `${EXPECTED} with fewer classes of letters` }
  const { classes, members } = classesOf(bounds, takes)
  const nodes = inst.map((one): RegexNode => nodeOf(one, members))
  return { value: { source, literal: literalOf(inst, start), bounds, classes, start, nodes } }
}

/** Intervals that the same instructions take are one class. */
function classesOf(bounds: readonly number[], takes: readonly Instruction[]) {
  const members = new Map<Instruction, number[]>(takes.map((take) => [take, []]))
  const known = new Map<string, number>()
  const classes = bounds.map((first) => {
    const takers = takes.filter((take) => take.matchRune(first))
    const signature = takers.map((taker) => takes.indexOf(taker)).join()
    const held = known.get(signature)
    if (held !== undefined) return held
    const made = known.size
    known.set(signature, made)
    for (const taker of takers) members.get(taker)?.push(made)
    return made
  })
  return { classes, members }
}

function nodeOf(one: Instruction, members: ReadonlyMap<Instruction, readonly number[]>): RegexNode {
  if (isTake(one)) return { op: 'take', on: members.get(one) ?? [], next: one.out }
  switch (one.op) {
    case ALT:
    case ALT_MATCH:
      return { op: 'split', next: one.out, other: one.arg }
    case CAPTURE:
      return { op: 'save', slot: one.arg, next: one.out }
    case EMPTY_WIDTH:
      return { op: 'assert', place: one.arg, next: one.out }
    case MATCH:
      return { op: 'match' }
    case NOP:
      return { op: 'pass', next: one.out }
    default:
      return { op: 'fail' }
  }
}

/** The characters that come first whatever is taken. */
function literalOf(inst: readonly Instruction[], start: number): string {
  let literal = ''
  let one = inst[start]
  while (one !== undefined) {
    if (one.op === CAPTURE || one.op === NOP || one.op === EMPTY_WIDTH) one = inst[one.out]
    else if (isTake(one) && one.arg === 0 && one.runes.length === 1) {
      literal += String.fromCodePoint(one.runes[0] ?? 0)
      one = inst[one.out]
    } else return literal
  }
  return literal
}

/** The library's complaint, without its preamble. */
function explain(message: string): string {
  const said = message.replace(/^error parsing regexp: /, '')
  if (/\(\?[=!]|\(\?<[=!]/.test(said)) return 'RE2 cannot look ahead or behind: write what the text must be'
  return /invalid escape sequence: `\\[1-9]/.test(said) ? 'RE2 has no back-references' : said
}
