package terminal

// Style is how a piece of text is set off. The zero value is plain.
type Style int

// The styles.
const (
	Plain Style = iota
	Bold
	Dim
	Good // something passed
	Bad  // something failed
	Mark // something to look at
)

// codes are the parameters of the escape sequence of each style, from the sixteen colours that every theme adapts.
var codes = map[Style]string{Bold: "1", Dim: "2", Good: "32", Bad: "31", Mark: "33"}

// Painter sets text off, or leaves it as it is: the zero value does not colour.
type Painter struct{ Colour bool }

// Paint returns the text in a style.
func (p Painter) Paint(s Style, text string) string {
	code, ok := codes[s]
	if !p.Colour || !ok {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}
