/** Ties the id of a request to what it asks for, so that another request under the same id is told from the same one again. */
import type { ChangeRequest } from '../config/director.ts'
import type { Once } from './director-ports.ts'

/** Of the text that is kept. It is longer than any request of the operators' API that names real endpoints. */
const ASKED_MAX = 32_768

/** Ids of people have a word before them: none meets those of weights.json. */
export function askOnce(id: string, { door, changes }: Pick<ChangeRequest, 'door' | 'changes'>): Once {
  const text = JSON.stringify([door, changes], inOrder)
  return { id: `request ${id}`, formerId: id, asked: `${text.length} ${text.slice(0, ASKED_MAX)}` }
}

/** Fields in one order, however they were sent. */
const inOrder = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value
