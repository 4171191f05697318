/** RE2's names for classes of characters, for use between brackets. */
const CLASSES: Readonly<Record<string, string>> = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: '0-9A-Za-z',
  upper: 'A-Z',
  lower: 'a-z',
  punct: String.raw`!-\/:-@\[-\`{-~`,
  space: String.raw`\t\n\v\f\r `,
  blank: String.raw`\t `,
  word: String.raw`\w`,
  xdigit: '0-9A-Fa-f',
};

/**
 * Whether a whole text matches the expression; undefined for one that is none. The schema admits RE2, of which JavaScript writes some
 * things in another way: flags in front, (?P<name>), [[:alpha:]], \A and \z. Answers are kept: nodes share values, and an expression
 * that takes long is asked once per value.
 */
export function wholeMatch(text: string): ((value: string) => boolean) | undefined {
  const pattern = compile(text);
  if (pattern === undefined) return undefined;
  const answers = new Map<string, boolean>();
  return (value) => {
    const known = answers.get(value) ?? pattern.test(value);
    answers.set(value, known);
    return known;
  };
}

function compile(text: string): RegExp | undefined {
  const [, flags = '', rest = ''] = /^(?:\(\?([ims]+)\))?([^]*)$/.exec(text) ?? [];
  const written = rest
    .replaceAll('(?P<', '(?<')
    .replaceAll(
      /\[:(\^?)(\w+):\]/g,
      (whole, not: string, name: string) => (not === '' ? CLASSES[name] : undefined) ?? whole,
    )
    .replaceAll(/(\\.)/g, (escape) => (escape === String.raw`\A` ? '^' : escape === String.raw`\z` ? '$' : escape));
  try {
    return new RegExp(`^(?:${written})$`, [...new Set(flags)].join(''));
  } catch {
    return undefined;
  }
}
