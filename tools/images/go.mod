module multimesh.dev/tools/images

go 1.26.0
