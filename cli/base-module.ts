/**
 * The text of the module that a gateway imports its compiled configuration from. Path validation is imported by it, and so bundled, only where
 * the configuration verifies certificates against authorities of its own.
 */
import { dirname, relative, resolve, sep } from 'node:path'
import type { Base } from '../config/base.ts'

const ROOT = resolve(import.meta.dirname, '..')
const CHAIN_VERIFIER = 'worker/identity/chain/verify-chain.ts'

export const needsChainVerifier = ({ admission }: Base): boolean =>
  admission?.trusts.some(({ verify }) => verify.kind === 'bundle') === true

/** Plain JavaScript, wherever it stands. */
export const baseModule = (base: Base): string =>
  needsChainVerifier(base)
    ? `${constant(base)}\nexport { makeChainVerifier as chainVerifier } from ${JSON.stringify(resolve(ROOT, CHAIN_VERIFIER))}\n`
    : `${constant(base)}\nexport const chainVerifier = undefined\n`

/** The same with types, for a module of the project at `out`. */
export function typedBaseModule(base: Base, out: string): string {
  const from = (file: string): string => `'${relative(dirname(out), resolve(ROOT, file)).split(sep).join('/')}'`
  const types = `import type { Base } from ${from('config/base.ts')}\n`
  const port = 'worker/identity/certificate/chain-port.ts'
  return needsChainVerifier(base)
    ? `${types}\nexport { makeChainVerifier as chainVerifier } from ${from(CHAIN_VERIFIER)}\n\n${constant(base, ': Base')}\n`
    : `${types}import type { MakeChainVerifier } from ${from(port)}\n\n${constant(base, ': Base')}\n\nexport const chainVerifier: MakeChainVerifier | undefined = undefined\n`
}

/** As JSON in a string: a large one is read by the runtime in half the time of a literal, and by tsc in none. */
const constant = (base: Base, type = ''): string => `export const base${type} = JSON.parse(\n  ${JSON.stringify(JSON.stringify(base))},\n)`
