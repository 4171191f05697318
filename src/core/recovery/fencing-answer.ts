const MESSAGE_LENGTH = 256;

/** What a fencing hook answered, or why that is no answer. */
export type FencingAnswer =
  | { readonly kind: 'fenced'; readonly message: string; readonly isPoweredOff: boolean }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'garbage'; readonly problem: string };

/**
 * Reads `{"fenced": true | false, "message": "…", "poweredOff": true | false}`. `id` may be repeated, and must then be the one that was
 * asked about. Anything else is no answer: nothing is guessed where a second writer is at stake.
 */
export function parseFencingAnswer(raw: unknown, id: string): FencingAnswer {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return garbage('it is not a JSON object');
  const answer = raw as Readonly<Record<string, unknown>>;
  const { fenced, message = '', poweredOff = false } = answer;
  if (typeof fenced !== 'boolean') return garbage('"fenced" is neither true nor false');
  if (typeof message !== 'string') return garbage('"message" is no text');
  if (typeof poweredOff !== 'boolean') return garbage('"poweredOff" is neither true nor false');
  if (answer['id'] !== undefined && answer['id'] !== id) return garbage('its "id" is not the one that was asked about');
  const said = message.slice(0, MESSAGE_LENGTH);
  return fenced ? { kind: 'fenced', message: said, isPoweredOff: poweredOff } : { kind: 'refused', message: said };
}

function garbage(problem: string): FencingAnswer {
  return { kind: 'garbage', problem };
}
