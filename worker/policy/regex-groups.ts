/**
 * Which parts of a text the groups of an expression take, when it takes the text whole. Ways are tried in the order of their preference and each
 * place of the automaton is come by once for each place of the text, so that the time has a bound (RE2 calls it a bit-state search).
 */
import { PLACE, type RegexProgram } from '../../config/regex/program.ts'
import { CAPTURE_SUBJECT_MAX, type Replacement } from '../../config/regex/replacement.ts'

/** The replaced text; undefined when the expression does not take it, as none takes one longer than `CAPTURE_SUBJECT_MAX`. */
export function replaceWhole(program: RegexProgram, text: string, replacement: Replacement): string | undefined {
  const slots = captureSlots(program, text)
  if (slots === undefined) return undefined
  let replaced = ''
  for (const piece of replacement) {
    if (typeof piece === 'string') replaced += piece
    else if (piece === 0) replaced += text
    else if ((slots[piece * 2 + 1] ?? UNSET) > UNSET) replaced += text.slice(slots[piece * 2], slots[piece * 2 + 1])
  }
  return replaced
}

/** Of the whole and of nine groups, as many as a replacement can name. */
const SLOTS = 20

function captureSlots(program: RegexProgram, text: string): Int32Array | undefined {
  return text.length > CAPTURE_SUBJECT_MAX ? undefined : new Search(program, text).run()
}

const UNSET = -1

class Search {
  readonly #program: RegexProgram
  readonly #text: string
  readonly #classes: Int32Array
  readonly #width: number
  readonly #seen: Uint8Array
  readonly #slots = new Int32Array(SLOTS).fill(UNSET)
  /** What is to be tried still, the preferred on top: place and node; or what a slot held, and below zero which slot. */
  readonly #waiting: number[] = []

  constructor(program: RegexProgram, text: string) {
    this.#program = program
    this.#text = text
    this.#classes = classesOf(program, text)
    this.#width = text.length + 1
    this.#seen = new Uint8Array(program.nodes.length * this.#width)
  }

  run(): Int32Array | undefined {
    this.#waiting.push(0, this.#program.start)
    for (let top = this.#waiting.pop(); top !== undefined; top = this.#waiting.pop()) {
      const below = this.#waiting.pop() ?? 0
      if (top < 0) this.#slots[-1 - top] = below
      else if (this.#follow(top, below)) return this.#slots
    }
    return undefined
  }

  /** One way, as far as it goes. True when it takes the text whole. */
  #follow(from: number, place: number): boolean {
    let index = from
    let at = place
    for (;;) {
      const key = index * this.#width + at
      const node = this.#program.nodes[index]
      if (node === undefined || this.#seen[key] === 1) return false
      this.#seen[key] = 1
      switch (node.op) {
        case 'take':
          if (!node.on.includes(this.#classes[at] ?? UNSET)) return false
          at += 1
          break
        case 'split':
          this.#waiting.push(at, node.other)
          break
        case 'assert':
          if ((placeOf(this.#text, at) & node.place) !== node.place) return false
          break
        case 'save':
          this.#waiting.push(this.#slots[node.slot] ?? UNSET, -1 - node.slot)
          this.#slots[node.slot] = at
          break
        case 'pass':
          break
        case 'match':
          return at === this.#text.length
        case 'fail':
          return false
        default:
          return node satisfies never
      }
      index = node.next
    }
  }
}

/** The class of each character. Paths are ASCII: a character is a code point. */
function classesOf({ bounds, classes }: RegexProgram, text: string): Int32Array {
  return Int32Array.from(text, (letter) => {
    const code = letter.charCodeAt(0)
    let [low, high] = [0, bounds.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((bounds[middle] ?? 0) <= code) low = middle
      else high = middle - 1
    }
    return classes[low] ?? -1
  })
}

const isWord = (text: string, at: number): boolean => /\w/.test(text.charAt(at))

function placeOf(text: string, at: number): number {
  const boundary = isWord(text, at - 1) !== isWord(text, at)
  return (
    (at === 0 ? PLACE.textBegins : 0) |
    (at === text.length ? PLACE.textEnds : 0) |
    (at === 0 || text[at - 1] === '\n' ? PLACE.lineBegins : 0) |
    (at === text.length || text[at] === '\n' ? PLACE.lineEnds : 0) |
    (boundary ? PLACE.wordBoundary : PLACE.noWordBoundary)
  )
}
