/** What every command that talks to the director understands: whom to ask, who asks, how it is shown. */
import { userInfo } from 'node:os'
import { parseArgs } from 'node:util'
import { err, ok, type Result } from '../../config/result.ts'
import { findGateway, type GatewayAddress } from '../find-gateway.ts'

export const OPERATOR_HELP = `  --json          as data
  --url, --token  of another gateway than the one that npm start runs here`

/** Of commands that only show. */
export const SHOWN_CODES = 'Exit codes: 0 shown, 2 could not be asked.'

export const CHANGE_HELP = `  --reason TEXT   why; it stands in the audit
  --by NAME       who; default: the user of this machine. A token of one's own says it better
  --if-match N    only while revision N is in force
  --dry-run       says what would be, and changes nothing
  --yes           does not ask; needed where nobody can be asked
${OPERATOR_HELP}

Exit codes: 0 done, 1 refused, or somebody else was faster, 2 could not be done.`

const OPTIONS = {
  url: { type: 'string' },
  token: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  reason: { type: 'string' },
  by: { type: 'string' },
  'if-match': { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
} as const

const OF_CHANGES = ['reason', 'by', 'if-match', 'dry-run', 'yes'] as const

/** Of single commands. */
const EXTRAS = {
  watch: { type: 'boolean', default: false },
  all: { type: 'boolean', default: false },
  for: { type: 'string' },
  over: { type: 'string' },
} as const
export type Extra = keyof typeof EXTRAS

export interface OperatorOptions {
  readonly help: boolean
  readonly json: boolean
  readonly address: GatewayAddress
  readonly words: readonly string[]
  readonly reason: string
  readonly by: string
  readonly ifMatch?: number
  readonly dryRun: boolean
  readonly yes: boolean
  readonly watch: boolean
  readonly all: boolean
  readonly for?: string | undefined
  readonly over?: string | undefined
}

/**
 * `extras`: what this command knows beside the rest. What is said wrongly is answered with `help`; that nothing runs is not. With `--help` the
 * gateway need not be there. `changes`: whether these words change something; what only changes need is refused elsewhere.
 */
export function readOperatorOptions(
  args: readonly string[],
  help: string,
  extras: readonly Extra[] = [],
  changes: (words: readonly string[]) => boolean = () => true,
): Result<OperatorOptions, string> {
  const parsed = parse(args)
  if (!parsed.ok) return err(`${parsed.error}\n\n${help}`)
  const { values, positionals } = parsed.value
  const stray = (Object.keys(EXTRAS) as Extra[]).find((name) => !extras.includes(name) && values[name] !== EXTRA_DEFAULTS[name])
  if (stray !== undefined) return err(`This command knows no option "--${stray}".\n\n${help}`)
  const idle =
    values.help || changes(positionals) ? undefined : OF_CHANGES.find((name) => values[name] !== undefined && values[name] !== false)
  if (idle !== undefined) return err(`"--${idle}" is of no use here: nothing is changed by this.\n\n${help}`)
  const written = values['if-match']
  if (written !== undefined && !/^\d{1,15}$/.test(written))
    return err(`--if-match takes a revision such as 12, got "${written}"\n\n${help}`)
  const address = values.help ? { url: '' } : findGateway(values.url, values.token)
  if (typeof address === 'string') return err(address)
  const { json, reason = 'no reason given', yes, watch, all } = values
  return ok({
    ...{
      json,
      help: values.help,
      reason,
      yes,
      watch,
      all,
      address,
      words: positionals,
      dryRun: values['dry-run'],
      for: values.for,
      over: values.over,
    },
    by: values.by ?? process.env['MERIDIAN_OPERATOR'] ?? userName(),
    ...(written === undefined ? {} : { ifMatch: Number(written) }),
  })
}

const EXTRA_DEFAULTS = { watch: false, all: false, for: undefined, over: undefined } as const

function parse(args: readonly string[]) {
  try {
    return ok(parseArgs({ args: [...args], allowPositionals: true, options: { ...OPTIONS, ...EXTRAS } }))
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error))
  }
}

/** Some machines have no name for who runs this. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return ''
  }
}
