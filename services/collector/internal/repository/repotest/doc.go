// Package repotest serves Git repositories to tests: real ones through Git's own HTTP backend and over ssh, and packs made byte by
// byte, such as no Git would make.
//
// It owns servers and the making of objects. What is expected of them is the tests' business; nothing but tests imports it.
package repotest
