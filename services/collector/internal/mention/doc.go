// Package mention finds the Git repositories that a text speaks of: address, branch or tag, folder, and on what the
// application in it is to run.
//
// It owns the wording of these four in English and French, and where each stands in the text. It fetches nothing, does not judge
// whether an address may be reached, and decides nothing about the rest of the text, of which [Blank] gives what is left.
package mention
