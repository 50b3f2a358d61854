/** ISO 4217; undefined while nobody has told. */
let currency: string | undefined;

/** The currency of all prices here, for example `EUR`; undefined where the installation names none. */
export const currencyOf = () => currency;

/** Takes over what the installation tells. What no currency can be called is as good as nothing. */
export function setCurrency(code: unknown) {
  currency = typeof code === 'string' && /^[A-Z]{3}$/.test(code) ? code : undefined;
}
