/** The nearest element around one that a selector names, such as its row. */
export function around(element: Element, selector: string): HTMLElement {
  const found = element.closest<HTMLElement>(selector);
  if (!found) throw new Error(`Nothing around it is ${selector}.`);
  return found;
}
