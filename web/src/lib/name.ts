/** Direction marks, line breaks and what else can't be seen: with them a name would look like another one. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Joiners, which belong to how some scripts and emoji are written. */
const joiners = ['\u200c', '\u200d'];

/** A name as it may be shown: what can't be seen in it is a `�` that can. */
export const plainName = (name: string) => name.replace(unseen, (mark) => (joiners.includes(mark) ? mark : '\ufffd'));

const rightToLeft = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;

/** A name within a sentence that isn't markup: one that is written from right to left leaves the words around it where they are. */
export function nameInText(name: string) {
  const plain = plainName(name);
  return rightToLeft.test(plain) ? `\u2068${plain}\u2069` : plain;
}
