/**
 * What remains of a document when its defects are cut out. Without it a misspelt field would hide an unknown pool until the
 * next run; with it both are named at once. Where a field must not be missing something stands in for it, so that the fields beside it are
 * still judged.
 */
import type { Path } from './defect.ts'
import { at } from './document.ts'

interface Issue {
  readonly code?: string | undefined
  readonly path: readonly PropertyKey[]
  readonly keys?: readonly string[]
}

export interface Salvaged<T> {
  readonly value?: T
  /** The places of the document that were cut, or where something stands in. */
  readonly left: readonly Path[]
  /** Where something of `value` stands in the document: elements of lists move up when one before them is cut. */
  readonly place: (path: Path) => Path
}

/** A cut may uncover a new defect (a mapping that is empty now), so it is tried again, but not for ever. */
const ROUNDS_MAX = 8

/** Stands for a cut element of a list, so that the others keep their place. */
const HOLE = Symbol('cut')

interface Ports<T> {
  readonly attempt: (document: unknown) => { readonly value: T } | { readonly issues: readonly Issue[] }
  /** What may stand at a path in place of what is missing or wrong there; undefined where it is cut. */
  readonly standIn: (path: Path) => unknown
}

/** Cuts until `attempt` succeeds, or nothing remains. */
export function salvage<T>(document: unknown, { attempt, standIn }: Ports<T>): Salvaged<T> {
  const left: Path[] = []
  const copy = structuredClone(document)
  const place = (path: Path) => placeIn(copy, path)
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const result = attempt(withoutHoles(copy))
    if ('value' in result) return { value: result.value, left, place }
    const places = result.issues.flatMap(placesOf).map(place)
    const cuts: Path[] = []
    for (const path of places) {
      if (cuts.some((cut) => isWithin(path, cut))) continue
      const cut = replace(copy, path, standIn(path)) ?? cutOut(copy, path)
      if (cut === undefined) return { left, place }
      cuts.push(cut)
    }
    left.push(...cuts)
  }
  return { left, place }
}

/** Whether a path is another one or leads below it. */
export const isWithin = (path: Path, other: Path): boolean =>
  other.length <= path.length && other.every((step, depth) => path[depth] === step)

function placesOf(issue: Issue): Path[] {
  const path = issue.path as Path
  return issue.code === 'unrecognized_keys' ? (issue.keys ?? []).map((key) => [...path, key]) : [path]
}

/** Puts something in place of what stands at a path, in a mapping. Answers the path, or undefined when it cannot. */
function replace(document: unknown, path: Path, value: unknown): Path | undefined {
  const holder = at(document, path.slice(0, -1))
  const step = path.at(-1)
  if (value === undefined || step === undefined || typeof holder !== 'object' || holder === null || Array.isArray(holder)) return undefined
  Object.assign(holder, { [step]: value })
  return path
}

/**
 * Removes what stands at a path; where nothing stands there (a required field is missing) what should have held it, and so on
 * upwards. Answers the path that was removed, or undefined when nothing of the document would remain.
 */
function cutOut(document: unknown, path: Path): Path | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const holder = at(document, path.slice(0, length - 1))
    const step = path[length - 1]
    if (typeof holder !== 'object' || holder === null || step === undefined || !Object.hasOwn(holder, step)) continue
    if (Array.isArray(holder)) holder[Number(step)] = HOLE
    else delete (holder as Record<string, unknown>)[step]
    return path.slice(0, length)
  }
  return undefined
}

function withoutHoles(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((element) => element !== HOLE).map(withoutHoles)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, withoutHoles(held)]))
}

/** The path in a document with holes of what has another one without them. */
function placeIn(holed: unknown, path: Path): Path {
  let value = holed
  return path.map((step) => {
    const found = Array.isArray(value) && typeof step === 'number' ? indexWithHoles(value, step) : step
    value = at(value, [found])
    return found
  })
}

function indexWithHoles(list: readonly unknown[], index: number): number {
  let seen = -1
  const found = list.findIndex((element) => {
    if (element !== HOLE) seen += 1
    return seen === index
  })
  return found === -1 ? index : found
}
