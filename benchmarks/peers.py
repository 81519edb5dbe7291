"""placeholder"""
def run(split,progress): return {}
