/** What a command writes while it runs in the process of the tests. */
import { afterEach, beforeEach, vi } from 'vitest'

export interface Output {
  /** To the standard output. */
  said: string
  /** To the standard error. */
  complained: string
}

/** Kept from the terminal, and empty at the beginning of each test of the block in which it is called. */
export function captureOutput(): Output {
  const output: Output = { said: '', complained: '' }
  beforeEach(() => {
    output.said = ''
    output.complained = ''
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      output.said += String(text)
      return true
    })
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      output.complained += String(text)
      return true
    })
  })
  afterEach(() => vi.restoreAllMocks())
  return output
}
