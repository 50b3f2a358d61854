import { expect, it } from 'vitest';
import { failedOf, partOf, readFile, recordsOf } from './importFile';

it('splits a file at line breaks outside of quotes, and counts the lines of a text editor', () => {
  const text = 'external_id,name\r\n\r\n1,"two\r\nlines, ""quoted"""\n2,b\r ,\n\n3,c';

  expect([...recordsOf(text)]).toEqual([
    [1, 'external_id,name'],
    [3, '1,"two\r\nlines, ""quoted"""'],
    [5, '2,b'],
    [8, '3,c'],
  ]);
});

it('makes files of some lines, with their errors where they failed', async () => {
  const file = await readFile(new File(['\ufeffexternal_id;name\n1;a\n2;"b\nc"\n3;d'], 'devices.csv'));

  expect(partOf(file, [2, 5])).toBe('external_id;name\r\n1;a\r\n3;d\r\n');
  expect(
    failedOf(file, [
      {
        line: 3,
        errors: [
          { column: 'name', message: 'It says "b"; it must not.' },
          { column: null, message: 'No.' },
        ],
      },
    ]),
  ).toBe('external_id;name;error\r\n2;"b\nc";"name: It says ""b""; it must not. No."\r\n');
});

it('leaves out lines whose cells are all empty, as the service does', () => {
  expect([...recordsOf('a,b\r\n1,2\r\n,,\r\n ; \t\r\n"",""\r\n3,4').keys()]).toEqual([1, 2, 6]);
});
