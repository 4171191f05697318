/** A CEL rule of a CRD. `message` is what the user reads: what is wrong, and what to do. */
export interface Rule {
  readonly rule: string;
  readonly message: string;
  /** A CEL expression that says the same with the numbers at hand; `message` stands in when it fails. */
  readonly messageExpression?: string;
  /** Which field to blame, relative to the schema that has the rule, e.g. `.size`. */
  readonly fieldPath?: string;
  /** The rule also runs on creation, with `oldSelf` as an optional. */
  readonly optionalOldSelf?: boolean;
}

/** CEL rules as schema metadata: `.meta(rules({ rule, message }))`. */
export function rules(...list: readonly Rule[]): { readonly 'x-kubernetes-validations': readonly Rule[] } {
  return { 'x-kubernetes-validations': list };
}

/** A rule for an optional field that keeps the value it was created with. `field` is a property of the schema with the rule. */
export function keeps(field: string, message: string): Rule {
  return {
    rule: `has(self.${field}) == has(oldSelf.${field}) && (!has(self.${field}) || self.${field} == oldSelf.${field})`,
    message,
    fieldPath: `.${field}`,
  };
}
