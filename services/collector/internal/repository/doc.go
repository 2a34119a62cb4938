// Package repository fetches one commit of a Git repository that a stranger wrote, and shows its files.
//
// It owns which addresses may be asked, credentials by reference, the Git protocol over https and ssh, the bounds on what is
// received, and the tree of files with a list of what was left out. Nothing of a repository is executed or written out: no
// work tree, no hooks, no filters, no submodules, no Git LFS. It does not know what the files mean (package descriptor does),
// and it does not protect its process from the libraries that read them (package reader does).
package repository
