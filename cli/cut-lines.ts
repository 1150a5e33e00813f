/** Cuts lines that are too long for a terminal, not counting colours; a colour that was begun is ended. */

export function cutLines(lines: readonly string[], columns: number): string[] {
  return lines.map((line) => cutLine(line, columns))
}

const ESCAPE = '\u001b'

function cutLine(line: string, columns: number): string {
  let shown = 0
  let kept = ''
  for (let at = 0; at < line.length; at += 1) {
    if (line[at] === ESCAPE) {
      const end = line.indexOf('m', at)
      kept += line.slice(at, end + 1)
      at = end
      continue
    }
    if (shown >= columns - 1 && at < line.length - 1) return `${kept}…${line.includes(ESCAPE) ? `${ESCAPE}[0m` : ''}`
    kept += line[at]
    shown += 1
  }
  return kept
}
