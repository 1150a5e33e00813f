/**
 * The text of the module that a gateway imports its compiled configuration from. Path validation comes with it only where the configuration
 * verifies certificates against authorities of its own, and minified: as it is written the library weighs more than the rest of the gateway.
 */
import { dirname, join, relative, resolve, sep } from 'node:path'
import { buildSync } from 'esbuild'
import type { Base } from '../config/base.ts'

const ROOT = resolve(import.meta.dirname, '..')

export const needsChainVerifier = ({ admission }: Base): boolean =>
  admission?.trusts.some(({ verify }) => verify.kind === 'bundle') === true

/** Plain JavaScript, wherever it stands. */
export const baseModule = (base: Base): string =>
  needsChainVerifier(base) ? `${constant(base)}\n${chainVerifier()}` : `${constant(base)}\nexport const chainVerifier = undefined\n`

export interface ModuleFile {
  readonly file: string
  readonly text: string
}

/** The same with types, for a module of the project at `out`, and what it needs beside it, which is to be written before it. */
export function typedBaseModule(base: Base, out: string): { readonly text: string; readonly beside: readonly ModuleFile[] } {
  const from = (file: string): string => `'${relative(dirname(out), resolve(ROOT, file)).split(sep).join('/')}'`
  const types = `import type { Base } from ${from('config/base.ts')}\n`
  const port = `import type { MakeChainVerifier } from ${from('worker/identity/certificate/chain-port.ts')}\n`
  if (!needsChainVerifier(base))
    return {
      text: `${types}${port}\n${constant(base, ': Base')}\n\nexport const chainVerifier: MakeChainVerifier | undefined = undefined\n`,
      beside: [],
    }
  return {
    text: `${types}\nexport { chainVerifier } from './chain-verifier.mjs'\n\n${constant(base, ': Base')}\n`,
    beside: [
      { file: join(dirname(out), 'chain-verifier.mjs'), text: chainVerifier() },
      { file: join(dirname(out), 'chain-verifier.d.mts'), text: `${port}\nexport const chainVerifier: MakeChainVerifier\n` },
    ],
  }
}

/** As JSON in a string: a large one is read by the runtime in half the time of a literal, and by tsc in none. */
const constant = (base: Base, type = ''): string => `export const base${type} = JSON.parse(\n  ${JSON.stringify(JSON.stringify(base))},\n)`

/** In a function of its own: what it declares is nobody else's. */
function chainVerifier(): string {
  const { outputFiles } = buildSync({
    absWorkingDir: ROOT,
    entryPoints: ['worker/identity/chain/verify-chain.ts'],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    globalName: 'chains',
    target: 'es2024',
    conditions: ['workerd', 'worker', 'browser'],
    logLevel: 'silent',
  })
  return `${outputFiles[0]?.text ?? ''}\nexport const chainVerifier = chains.makeChainVerifier\n`
}
