/** Gives a text to the browser as a file. */
export function download(name: string, text: string) {
  // Spreadsheets take a file without the mark for one in the system's old encoding.
  const url = URL.createObjectURL(new Blob(['\ufeff', text], { type: 'text/csv;charset=utf-8' }));
  const link = Object.assign(document.createElement('a'), { href: url, download: name });

  link.click();
  URL.revokeObjectURL(url);
}
