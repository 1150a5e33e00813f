/** A noun of the operators' API as a live screen. */
import type { OperatorsNoun } from '../../config/operators.ts'
import { askGateway } from '../ask-gateway.ts'
import { watch } from '../status/watch.ts'
import type { OperatorOptions } from './operator-options.ts'

/** Answers the exit code. */
export const watchNoun = (
  { address, json }: OperatorOptions,
  noun: OperatorsNoun,
  draw: (document: unknown) => readonly string[],
): Promise<number> => watch({ url: address.url, json, ask: () => askGateway(address, { noun }), essence, draw })

/** Lengths of time go on by themselves; that is no change. */
const GOES_ON = new Set(['heardAgo', 'ago', 'expiresIn', 'since', 'seenAgo'])

const essence = (document: unknown): string => JSON.stringify(document, (name, value) => (GOES_ON.has(name) ? undefined : value))
