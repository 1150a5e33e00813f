/**
 * Whether a regular expression takes a text, whole. All ways through the automaton are followed at once, as bits: the time is at most
 * the length of the text times a constant of the expression, and there is nothing to go back to.
 */
import { PLACE, type RegexProgram, SUBJECT_MAX } from '../../config/regex/program.ts'

/** Bits of a word, and of the groups of which the followers are looked up together. */
const WORD = 32
const GROUP = 4
const GROUPS = WORD / GROUP
const GROUP_VALUES = 1 << GROUP

const END = -1

/** Where one may go on from, at a place with certain properties. */
interface Moves {
  /** From the beginning. */
  readonly first: Int32Array
  readonly takesNothing: boolean
  /** For each group of takes and each value of its bits: the takes that follow any of them. */
  readonly next: Int32Array
  /** After which takes the text may end. */
  readonly last: Int32Array
}

/** An expression that is made ready when it is first asked: an isolate seldom sees all routes. */
export class Regex {
  readonly program: RegexProgram
  #automaton: Automaton | undefined

  constructor(program: RegexProgram) {
    this.program = program
  }

  /** False for every text longer than `SUBJECT_MAX`. */
  takes(text: string): boolean {
    if (text.length > SUBJECT_MAX) return false
    this.#automaton ??= new Automaton(this.program)
    return this.#automaton.takes(text)
  }
}

/** Each set of states as the bits of a few words. */
class Automaton {
  readonly #program: RegexProgram
  /** The nodes that take something; a bit is an index of this list. */
  readonly #takes: readonly number[]
  readonly #bits: Int32Array
  readonly #words: number
  /** For each class the takes that take it. */
  readonly #takers: Int32Array
  readonly #ascii = new Uint16Array(128)
  readonly #asserts: boolean
  readonly #moves = new Map<number, Moves>()
  /** In which round a node was last come by. */
  readonly #seen: Uint32Array
  #round = 0
  #now: Int32Array
  #then: Int32Array

  constructor(program: RegexProgram) {
    this.#program = program
    this.#takes = program.nodes.flatMap(({ op }, index) => (op === 'take' ? [index] : []))
    this.#bits = new Int32Array(program.nodes.length)
    for (const [bit, index] of this.#takes.entries()) this.#bits[index] = bit
    this.#seen = new Uint32Array(program.nodes.length)
    this.#words = Math.max(1, Math.ceil(this.#takes.length / WORD))
    this.#asserts = program.nodes.some(({ op }) => op === 'assert')
    this.#takers = new Int32Array((Math.max(...program.classes) + 1) * this.#words)
    for (const [bit, index] of this.#takes.entries()) {
      const node = program.nodes[index]
      if (node?.op === 'take') for (const taken of node.on) set(this.#takers, bit, taken * this.#words)
    }
    for (let code = 0; code < this.#ascii.length; code += 1) this.#ascii[code] = this.#search(code)
    this.#now = new Int32Array(this.#words)
    this.#then = new Int32Array(this.#words)
  }

  takes(text: string): boolean {
    let before = END
    for (let at = 0; at < text.length; ) {
      const code = text.codePointAt(at) ?? 0
      const moves = this.#movesAt(before, code)
      if (before === END) this.#then.set(moves.first)
      else this.#follow(moves.next)
      if (!this.#keep(code < 128 ? (this.#ascii[code] ?? 0) : this.#search(code))) return false
      const swapped = this.#now
      this.#now = this.#then
      this.#then = swapped
      before = code
      at += code > 0xffff ? 2 : 1
    }
    const { takesNothing, last } = this.#movesAt(before, END)
    return before === END ? takesNothing : this.#now.some((word, index) => (word & (last[index] ?? 0)) !== 0)
  }

  /** What may come after any of the takes that were just done. */
  #follow(next: Int32Array): void {
    const [now, then, words] = [this.#now, this.#then, this.#words]
    then.fill(0)
    for (let word = 0; word < words; word += 1) {
      let bits = now[word] ?? 0
      for (let group = word * GROUPS; bits !== 0; group += 1, bits >>>= GROUP) {
        const row = (group * GROUP_VALUES + (bits & (GROUP_VALUES - 1))) * words
        for (let index = 0; index < words; index += 1) then[index] = (then[index] ?? 0) | (next[row + index] ?? 0)
      }
    }
  }

  /** Leaves those that take a class; false when none does. */
  #keep(taken: number): boolean {
    const [then, words, takers] = [this.#then, this.#words, this.#takers]
    let any = 0
    for (let index = 0; index < words; index += 1) {
      const left = (then[index] ?? 0) & (takers[taken * words + index] ?? 0)
      then[index] = left
      any |= left
    }
    return any !== 0
  }

  #search(code: number): number {
    const { bounds, classes } = this.#program
    let low = 0
    let high = bounds.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((bounds[middle] ?? 0) <= code) low = middle + 1
      else high = middle
    }
    return classes[low - 1] ?? 0
  }

  #movesAt(before: number, after: number): Moves {
    const place = this.#asserts ? placeBetween(before, after) : 0
    const held = this.#moves.get(place)
    if (held !== undefined) return held
    const made = this.#makeMoves(place)
    this.#moves.set(place, made)
    return made
  }

  #makeMoves(place: number): Moves {
    const words = this.#words
    const last = new Int32Array(words)
    const next = new Int32Array(words * GROUPS * GROUP_VALUES * words)
    for (const [bit, index] of this.#takes.entries()) {
      const node = this.#program.nodes[index]
      if (node?.op !== 'take') continue
      const after = this.#closure(node.next, place)
      if (after.ends) set(last, bit, 0)
      const group = Math.floor(bit / GROUP)
      for (let value = 1; value < GROUP_VALUES; value += 1) {
        if ((value & (1 << (bit % GROUP))) === 0) continue
        const row = (group * GROUP_VALUES + value) * words
        for (let word = 0; word < words; word += 1) next[row + word] = (next[row + word] ?? 0) | (after.takes[word] ?? 0)
      }
    }
    const { takes, ends } = this.#closure(this.#program.start, place)
    return { first: takes, takesNothing: ends, next, last }
  }

  /** The takes that can be reached from a node without taking anything, and whether the end can. */
  #closure(from: number, place: number): { readonly takes: Int32Array; readonly ends: boolean } {
    const { nodes } = this.#program
    const [takes, seen] = [new Int32Array(this.#words), this.#seen]
    const waiting = [from]
    let ends = false
    this.#round += 1
    for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
      const node = nodes[index]
      if (node === undefined || seen[index] === this.#round) continue
      seen[index] = this.#round
      if (node.op === 'take') set(takes, this.#bits[index] ?? 0, 0)
      else if (node.op === 'match') ends = true
      else if (node.op === 'split') waiting.push(node.other, node.next)
      else if (node.op === 'assert' && (node.place & ~place) !== 0) continue
      else if (node.op !== 'fail') waiting.push(node.next)
    }
    return { takes, ends }
  }
}

const set = (bits: Int32Array, bit: number, offset: number): void => {
  const word = offset + Math.floor(bit / WORD)
  bits[word] = (bits[word] ?? 0) | (1 << (bit % WORD))
}

const LINE_END = 10

/** The properties of the place between two code points; `END` is before the first and after the last. */
function placeBetween(before: number, after: number): number {
  let place = 0
  if (before === END) place |= PLACE.textBegins | PLACE.lineBegins
  else if (before === LINE_END) place |= PLACE.lineBegins
  if (after === END) place |= PLACE.textEnds | PLACE.lineEnds
  else if (after === LINE_END) place |= PLACE.lineEnds
  return place | (isOfWord(before) === isOfWord(after) ? PLACE.noWordBoundary : PLACE.wordBoundary)
}

/** ASCII only, as RE2 has it. */
const isOfWord = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95 || (code >= 97 && code <= 122)
