/** JSON as the project's formatter leaves it, so that a generated file and a formatted one are the same. */

const WIDTH = 140

/** Lists stand on one line where they fit; objects are spread, except within such a line. `column` is where the value begins. */
export function printJson(value: unknown, indent: number, column: number = indent): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const [outer, inner] = [' '.repeat(indent), ' '.repeat(indent + 2)]
  if (Array.isArray(value)) {
    const line = printInline(value)
    // One more for the comma that may follow.
    if (column + line.length + 1 <= WIDTH) return line
    return `[\n${value.map((held) => inner + printJson(held, indent + 2)).join(',\n')}\n${outer}]`
  }
  const entries = Object.entries(value).map(([key, held]) => {
    const label = `${JSON.stringify(key)}: `
    return inner + label + printJson(held, indent + 2, indent + 2 + label.length)
  })
  return entries.length === 0 ? '{}' : `{\n${entries.join(',\n')}\n${outer}}`
}

/** On one line, as JSON, which is YAML's flow style too. */
export function printInline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(printInline).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).map(([key, held]) => `${JSON.stringify(key)}: ${printInline(held)}`)
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`
}
