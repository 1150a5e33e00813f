/** What is said of a file that is named where no file can be read: in a document that stands in none. */
export const NOT_HERE = { expected: 'no file: none can be read here' }
