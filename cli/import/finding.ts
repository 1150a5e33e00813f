/** What an importer says about its source, one finding for each thing that it read and each that it could not. */
import type { Path } from '../../config/defect.ts'

/**
 * - `exact`: means the same here.
 * - `approximate`: means nearly the same; the text says the difference.
 * - `dropped`: left out, and nothing at the edge depends on it.
 * - `refused`: left out or answered by an error, because anything else would change what the source means.
 */
export type Severity = 'exact' | 'approximate' | 'dropped' | 'refused'

/** Line and column count from 1. */
export interface SourcePlace {
  readonly file: string
  readonly line: number
  readonly column: number
}

export interface Finding {
  readonly severity: Severity
  readonly place: SourcePlace
  readonly text: string
}

/** Collects findings, each at the place of a value in its source. */
export class Findings {
  readonly all: Finding[] = []

  add(severity: Severity, place: SourcePlace, text: string): void {
    this.all.push({ severity, place, text })
  }
}

/** Where the values of one resource stand in its file. */
export type Locate = (path: Path, atKey?: boolean) => SourcePlace
