/** Redraws a picture in place without flicker; in a pipe, writes one picture after the other. */
import type { WriteStream } from 'node:tty'

const HIDE_CURSOR = '\u001b[?25l'
const SHOW_CURSOR = '\u001b[?25h'
const ALTERNATE = '\u001b[?1049h'
const BACK = '\u001b[?1049l'
const HOME = '\u001b[H'
const CLEAR_LINE = '\u001b[K'
const CLEAR_BELOW = '\u001b[J'

export class Screen {
  readonly #out: WriteStream
  #isOpen = false

  constructor(out: WriteStream) {
    this.#out = out
  }

  /** Whether pictures replace one another. */
  get live(): boolean {
    return this.#isOpen
  }

  open(): void {
    if (!this.#out.isTTY) return
    this.#isOpen = true
    this.#out.write(ALTERNATE + HIDE_CURSOR)
  }

  /** One write for a whole picture; each line is cleared behind its end, never before. */
  draw(lines: readonly string[]): void {
    if (!this.#isOpen) {
      this.#out.write(`${lines.join('\n')}\n\n`)
      return
    }
    const shown = Math.max(1, this.#out.rows - 2)
    const fitting = lines.length < this.#out.rows ? lines : [...lines.slice(0, shown), `… ${lines.length - shown} more lines`]
    this.#out.write(HOME + fitting.map((line) => `${line}${CLEAR_LINE}\n`).join('') + CLEAR_BELOW)
  }

  close(): void {
    if (this.#isOpen) this.#out.write(SHOW_CURSOR + BACK)
    this.#isOpen = false
  }
}
