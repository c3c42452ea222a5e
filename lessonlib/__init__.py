"""The helper library of Lesson 8, short enough to read in an afternoon.

The tree is the loop: train, save, serve, measure, watch, learn, choose. Each room asks
a question and lists its files in reading order. Import from the file itself
(`from lessonlib.serve.server import serve`), so that a name says where it lives.

    errors     -   what can a caller catch?
    shown      -   how does a message look in Jupyter?
    workbook   -   how does a notebook talk with its reader?
    mail       00  what arrives at Northgate?
    figures    -   how does a figure say in words what it shows?
    rows       -   what did somebody hand in?
    evidence   -   may a statistic be made of these values, and a verdict of its p?
    intervals  -   between which two numbers does the truth lie?
    save/      01  how is a model kept, and why is the file to be trusted?
    serve/     03  who may ask the model, and what comes back?
    measure/   05  how long do callers wait, and what do more of them get?
    watch/     07  is the service well, and is its model still right?
    learn/     09  what turned out true, and does a new model do better?
    choose/    10  which of two models is better, and who gets which?
    friday/    11  does the whole loop hold for a week that goes wrong?
    deploy/    12  how does a saved model become a service on a real host?
    checks/    -   is the answer right, and if not, which mistake is it?
    progress   -   where is the learner?
    authoring/ -   for authors: is the workbook still in order?
    grading/   -   for instructors: what has a class learned?
"""
