// Package fake is a scripted language-model server for tests, demonstration and end-to-end runs.
//
// It owns a script (ordered rules: what matches, what is answered or which fault happens), both wires (Gemini's
// generateContent, streamGenerateContent and countTokens; chat completions and models), and a record of every request. A
// request that no rule matches is answered 501 and recorded as a miss, so that a test can fail with the prompt. It is no
// model: what it says is in the script.
package fake
